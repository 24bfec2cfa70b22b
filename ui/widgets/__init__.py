"""What screens are built of. Text from outside is only ever shown as text."""
