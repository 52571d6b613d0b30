package dev.millpond.http;

/**
 * Counters of a {@link Millpond} since it was created. Calls and connections are those of {@code fetch}; bytes and
 * responses are also those of connection managers that the {@code Millpond} has built.
 *
 * @param callsInFlight fetches whose futures are not done now
 * @param callsSucceeded fetches that have delivered a response, of whatever status
 * @param callsFailed fetches that have failed, for whatever reason but the next; not those that had no way to go at
 *     all, such as with an unknown scheme
 * @param callsCancelled fetches whose futures were cancelled, or completed from outside in another way
 * @param connectionsOpened connections that were established
 * @param connectionsReused exchanges that began on a connection used before
 * @param connectionsLeased connections in use now
 * @param connectionsIdle connections kept for reuse now
 * @param leasesPending fetches that wait for a connection now
 * @param bytesReceived bytes received (after decryption)
 * @param bytesSent bytes sent (before encryption)
 * @param memoryUsed bytes that responses hold now, in flight or complete and still reachable
 * @param memoryBudget bytes that they may hold together
 * @param spilledResponses responses that are kept in files now
 * @param spilledSoFar responses that were to be kept in files, also those that then were not complete
 */
public record MillpondStats(
        int callsInFlight,
        long callsSucceeded,
        long callsFailed,
        long callsCancelled,
        long connectionsOpened,
        long connectionsReused,
        int connectionsLeased,
        int connectionsIdle,
        int leasesPending,
        long bytesReceived,
        long bytesSent,
        long memoryUsed,
        long memoryBudget,
        int spilledResponses,
        long spilledSoFar) {}
