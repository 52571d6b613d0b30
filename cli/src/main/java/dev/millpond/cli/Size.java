package dev.millpond.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes as people write it: {@code 1000}, {@code 64k}, {@code 10MB}, {@code 10MiB}. */
record Size(long bytes) {

    private static final Pattern HUMAN = Pattern.compile("(\\d{1,18})\\s*([kmgt]?)(i?)b?");

    static Size parse(String text) {
        Matcher human = HUMAN.matcher(text.trim().toLowerCase(Locale.ROOT));
        if (!human.matches() || (human.group(2).isEmpty() && !human.group(3).isEmpty())) {
            throw refused(text);
        }
        int power = human.group(2).isEmpty() ? 0 : "kmgt".indexOf(human.group(2)) + 1;
        long unit = Math.round(Math.pow(human.group(3).isEmpty() ? 1000 : 1024, power));
        try {
            return new Size(Math.multiplyExact(Long.parseLong(human.group(1)), unit));
        } catch (ArithmeticException e) {
            throw refused(text);
        }
    }

    private static TypeConversionException refused(String text) {
        return new TypeConversionException("'" + text + "': expected a size such as 1000, 64k, 10MB or 10MiB");
    }

    /** With a unit of 1000s: "12.3 MB". */
    static String text(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    static final class Converter implements ITypeConverter<Size> {
        @Override
        public Size convert(String text) {
            return parse(text);
        }
    }
}
