"""The Shopify connector, on the GraphQL Admin API. Must not know WooCommerce; only the composition root imports it."""
