"""How records are read from and written to a platform, one package for each platform behind one contract.

Knows nothing of runs, of storage or of a second platform; what must outlive a call goes through the contract's ports.
"""
