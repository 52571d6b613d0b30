package dev.millpond.async;

/**
 * Counters of a core since it was created, and what it has open now. Taken without a lock: while it is busy, they may
 * be a moment apart.
 *
 * @param transport "epoll" or "nio"
 * @param connected connections opened by {@link AsyncCore#connect}
 * @param accepted connections accepted by {@link AsyncCore#listen}
 * @param open connections open now, of both kinds
 * @param bytesRead bytes handed to listeners (after decryption)
 * @param bytesWritten bytes handed to {@link AsyncSocket#write} (before encryption)
 * @param pendingWrites writes of open connections whose bytes the operating system has not all taken yet
 * @param pendingWriteBytes bytes of these writes, all of them
 * @param pendingLookUps look-ups that wait for an answer now, those of connects included
 * @param retainedBytes memory of received bytes that listeners retain now ({@link AsyncSocket#retain})
 * @param timers timers that are set now, those of connects, time limits and look-ups included
 */
public record CoreStats(
        String transport,
        long connected,
        long accepted,
        long open,
        long bytesRead,
        long bytesWritten,
        long pendingWrites,
        long pendingWriteBytes,
        long pendingLookUps,
        long retainedBytes,
        long timers) {}
