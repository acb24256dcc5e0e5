"""Two processes that train the same in lockstep, and the first operation in which they part."""
