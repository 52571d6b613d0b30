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
 */
public record MillpondStats(
        long connectionsOpened,
        long connectionsReused,
        int connectionsLeased,
        int connectionsIdle,
        int leasesPending,
        long bytesReceived,
        long bytesSent) {}
