"""Benchmarks: figures that anybody can measure again."""
