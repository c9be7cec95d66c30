"""The mapping editor: rules as a form, without any JSON, with what they make of a sample."""
