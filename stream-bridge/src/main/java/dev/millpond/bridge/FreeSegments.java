package dev.millpond.bridge;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arrays that nobody uses, by their length. Used by one thread at a time. */
final class FreeSegments {

    private final Map<Integer, Deque<byte[]>> byLength = new HashMap<>();
    private long size;

    byte @Nullable [] poll(int length) {
        Deque<byte[]> known = byLength.get(length);
        byte[] last = known == null ? null : known.pollLast();
        if (last != null) {
            size -= length;
        }
        return last;
    }

    /** Where that would be more than {@code max} bytes, in place of others: of those lengths that have most of it. */
    void add(byte[] segment, long max) {
        Deque<byte[]> own = byLength.computeIfAbsent(segment.length, length -> new ArrayDeque<>());
        own.addLast(segment);
        size += segment.length;
        while (size > max) {
            dropOfMost();
        }
    }

    private void dropOfMost() {
        int length = 0;
        long most = 0;
        for (Map.Entry<Integer, Deque<byte[]>> known : byLength.entrySet()) {
            long bytes = (long) known.getKey() * known.getValue().size();
            if (bytes > most) {
                most = bytes;
                length = known.getKey();
            }
        }
        poll(length);
    }

    long size() {
        return size;
    }
}
