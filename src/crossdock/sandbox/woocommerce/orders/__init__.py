"""What may be asked of a WooCommerce sandbox store's orders: lists, writes, refunds, notes, and what they set off."""
