"""The orders of a WooCommerce sandbox store: how they are kept, counted, listed, written, refunded and noted."""
