"""The two stores of the demo and the tests, served on HTTP. Must not know the connectors that call them."""
