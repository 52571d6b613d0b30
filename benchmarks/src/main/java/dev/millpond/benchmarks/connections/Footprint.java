package dev.millpond.benchmarks.connections;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * What a process takes, as the kernel and the JVM tell it. Sums are over processes, and count twice what two of them
 * share, such as the JVM's own code.
 *
 * @param resident its resident set in bytes (VmRSS)
 * @param peak the most that was ever resident (VmHWM, or what a reading has found)
 * @param threads all of its threads, the JVM's own included
 * @param heap bytes of the heap that are in use right after a collection
 */
record Footprint(long resident, long peak, long threads, long heap) {

    static final Footprint NOTHING = new Footprint(0, 0, 0, 0);

    /** Of all readings. The kernel counts a little behind, so that its own peak may be less than what it has told. */
    private static long mostResident;

    /** Of this process. */
    static synchronized Footprint now() throws IOException {
        long resident = status("VmRSS:");
        mostResident = Math.max(mostResident, resident);
        long threads = status("Threads:");
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new Footprint(resident, Math.max(mostResident, status("VmHWM:")), threads, heap);
    }

    private static long status(String name) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            String line = lines.filter(candidate -> candidate.startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + name + " in /proc/self/status"));
            long number = Long.parseLong(line.replaceAll("\\D", ""));
            return line.endsWith(" kB") ? number * 1024 : number;
        }
    }

    Footprint plus(Footprint other) {
        return new Footprint(resident + other.resident, peak + other.peak, threads + other.threads, heap + other.heap);
    }

    String toLine() {
        return resident + " " + peak + " " + threads + " " + heap;
    }

    static Footprint ofLine(String line) {
        long[] numbers =
                Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        return new Footprint(numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}
