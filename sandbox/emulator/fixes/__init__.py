"""One defect of moto per module: the docstring says what is wrong, `apply` repairs it, a test shows that moto still needs it."""
