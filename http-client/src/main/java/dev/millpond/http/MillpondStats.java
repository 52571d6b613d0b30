package dev.millpond.http;

/**
 * Counters of a {@link Millpond} since it was created.
 *
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
 */
public record MillpondStats(
        long connectionsOpened,
        long connectionsReused,
        int connectionsLeased,
        int connectionsIdle,
        int leasesPending,
        long bytesReceived,
        long bytesSent,
        long memoryUsed,
        long memoryBudget,
        int spilledResponses) {}
