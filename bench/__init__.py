"""The bench: what each piece of work costs, beside the physical floor, on the same machine in the same minutes.

`python -m bench` prints one table; `make bench` calls it. See docs/benchmarks.md.
"""
