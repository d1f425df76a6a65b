"""Orders of a WooCommerce store: read, and written without a mail or a change of stock."""
