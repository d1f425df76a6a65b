"""A WooCommerce store's REST API as the sandbox serves it. Must not know the Shopify sandbox."""
