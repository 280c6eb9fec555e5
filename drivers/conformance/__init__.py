"""The conformance kit: the same tests for every implementation of a protocol, real or simulated.

    pytest --driver sim:                                     every simulated device
    pytest -s --driver spi:0.0                               a real reader; with -s it asks somebody to lay cards on it
    pytest -s --driver i2c:1@0x33 --driver gpio:             several devices in one run
    pytest --pyargs drivers.conformance --driver sim:        where Firstlight is installed without its tests

With ``--driver`` only the kit's tests run. The plugin (`drivers.conformance.plugin`) comes with the package.
"""
