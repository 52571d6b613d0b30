package dev.millpond.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * One situation that all clients are measured in.
 *
 * @param length bytes of body that are right
 * @param inFlight requests, or waiting threads, at once
 * @param burst whether that many requests are sent once, by a process that has done nothing before, and once again on
 *     the connections there are then; else each response is followed by a request until the time is up
 */
record Cell(String id, String title, Mode mode, String path, int length, int inFlight, boolean burst) {

    private static final int MEDIUM = 10 << 10;
    private static final int LARGE = 64 << 20;

    static List<Cell> all(boolean quick, boolean virtualThreads) {
        List<Cell> cells = new ArrayList<>();
        int[] counts = quick ? new int[] {1, 512} : new int[] {1, 64, 512};
        for (int inFlight : counts) {
            cells.add(small("async", "in flight", Mode.ASYNC, inFlight));
        }
        for (int threads : counts) {
            cells.add(small("blocking", "platform thread", Mode.BLOCKING, threads));
        }
        if (virtualThreads) {
            for (int threads : counts) {
                cells.add(small("virtual", "virtual thread", Mode.VIRTUAL, threads));
            }
        }
        cells.add(medium("medium-async", "64 in flight", Mode.ASYNC));
        cells.add(medium("medium-blocking", "64 platform threads", Mode.BLOCKING));
        cells.add(large("large-async", "64 MiB bodies, 1 in flight", Mode.ASYNC));
        cells.add(large("large-blocking", "64 MiB bodies, 1 platform thread", Mode.BLOCKING));
        cells.add(slow(quick ? 1_000 : 10_000, quick ? 500 : 2_000));
        return cells;
    }

    private static Cell small(String name, String what, Mode mode, int inFlight) {
        String title = "Small responses, " + inFlight + " " + what + (mode == Mode.ASYNC || inFlight == 1 ? "" : "s");
        return new Cell(name + "-" + inFlight, title, mode, Responses.SMALL, Responses.SMALL_LENGTH, inFlight, false);
    }

    private static Cell medium(String id, String what, Mode mode) {
        return new Cell(id, "Bodies of 10 KiB, " + what, mode, Responses.BYTES + MEDIUM, MEDIUM, 64, false);
    }

    private static Cell large(String id, String title, Mode mode) {
        return new Cell(id, title, mode, Responses.BYTES + LARGE, LARGE, 1, false);
    }

    private static Cell slow(int inFlight, int millis) {
        String title = inFlight + " in flight, to a server that answers after " + millis + " ms";
        return new Cell("slow", title, Mode.ASYNC, Responses.DELAY + millis, Responses.SMALL_LENGTH, inFlight, true);
    }

    boolean large() {
        return length == LARGE;
    }

    /** The second half of a burst: on the connections that the first one opened. */
    Cell reused() {
        return new Cell(id + "-reused", title + ", on reused connections", mode, path, length, inFlight, burst);
    }
}
