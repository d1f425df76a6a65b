"""Crossdock compares and migrates customers and orders between WooCommerce and Shopify."""
