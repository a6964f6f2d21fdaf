"""The pages, one router per place. How to add one: see the docstring of `console`."""
