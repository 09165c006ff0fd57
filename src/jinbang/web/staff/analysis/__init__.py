"""How sittings, forms and items did."""
