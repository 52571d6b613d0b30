package dev.millpond.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them: {@code 500ms}, {@code 5s}, {@code 1.5m}, {@code 2h}, or ISO 8601. */
final class Durations {

    private static final Pattern HUMAN = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h)");

    private Durations() {}

    static Duration parse(String text) {
        Duration duration = read(text.trim().toLowerCase(Locale.ROOT));
        if (duration == null || duration.isZero() || duration.isNegative()) {
            throw new TypeConversionException("'" + text + "': expected a duration such as 500ms, 5s, 2m or PT5S");
        }
        return duration;
    }

    private static @org.jspecify.annotations.Nullable Duration read(String text) {
        Matcher human = HUMAN.matcher(text);
        if (human.matches()) {
            return Duration.ofNanos(Math.round(Double.parseDouble(human.group(1)) * unitNanos(human.group(2))));
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static double unitNanos(String unit) {
        return switch (unit) {
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
        };
    }

    /** With three digits or so: "12.3 ms". */
    static String text(Duration duration) {
        double millis = duration.toNanos() / 1e6;
        if (millis < 10) {
            return String.format(Locale.ROOT, "%.2f ms", millis);
        }
        return millis < 1000
                ? String.format(Locale.ROOT, "%.1f ms", millis)
                : String.format(Locale.ROOT, "%.2f s", millis / 1000);
    }
}
