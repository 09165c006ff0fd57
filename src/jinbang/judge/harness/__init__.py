"""Code that runs inside the sandbox beside the candidate's (Python ≥ 3.7, standard library only).

Two processes. The *guard* reads the job (calls, test file) from standard input and writes findings to standard
output; it is not dumpable, so the candidate's process can neither read its memory nor open its descriptors. The
*host*, forked before the job is read, holds the candidate's code and knows nothing but the one request in hand.
Expected values of `calls` never enter the sandbox at all; those of a test file stay in the guard.
"""
