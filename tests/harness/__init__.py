"""What integration and fault tests share: places, processes, servers, and clients of their own.

Nothing here is built from the code under test: MQTT, Redis' protocol and the ids of violations are written a second
time, from the published contracts, so that a mistake in the tracker is not repeated by what judges it. Python's
standard library only.

    place      a directory and free ports of one's own; kept when the test fails
    process    starting, stopping, pausing by process id; nothing outlives the test
    servers    mosquitto, redis-server and muckwatchd, and a stage on which all three stand
    mqtt       packets of MQTT 3.1.1 and 5, and a client that waits
    resp       Redis' protocol, and a client that waits
    contract   names of topics and keys, ids of violations, reading streams
"""
