"""The WooCommerce connector, on REST API v3. Must not know Shopify; only the composition root imports it."""
