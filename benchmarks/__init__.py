"""What tubegen costs, always as a ratio against a named baseline measured in the same run.

`python -m benchmarks` prints a table of all; `python -m benchmarks NAME --json` one, as
`[{name, value, unit, baseline, ratio, goal}]`.
"""
