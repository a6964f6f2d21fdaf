"""Fabutai (发布台): stories are written, signed, sent once and counted.

This package holds the desk's rules. The core is the modules lying directly in it; the rooms
(`desk`, `planning`, `dispatch`, `ledger`) build on the core and meet only in its tables;
`daemon` wires them, `cli` is a face. Channels and the simulator are packages of their own.
"""

__version__ = "0.1.0"
