package dev.millpond.async;

/**
 * Counters of a core since it was created.
 *
 * @param transport "epoll" or "nio"
 * @param connected connections opened by {@link AsyncCore#connect}
 * @param accepted connections accepted by {@link AsyncCore#listen}
 * @param open connections open now, of both kinds
 * @param bytesRead bytes handed to listeners (after decryption)
 * @param bytesWritten bytes handed to {@link AsyncSocket#write} (before encryption)
 */
public record CoreStats(
        String transport, long connected, long accepted, long open, long bytesRead, long bytesWritten) {}
