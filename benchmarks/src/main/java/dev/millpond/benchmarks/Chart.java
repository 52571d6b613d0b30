package dev.millpond.benchmarks;

import java.util.List;
import java.util.Locale;

/** Horizontal bars as SVG. */
final class Chart {

    /** @param text what is written beside the bar */
    record Bar(String label, double value, String text, Client.Kind kind) {}

    private static final int WIDTH = 720;
    private static final int LABELS = 150;
    private static final int NUMBERS = 90;
    private static final int ROW = 22;
    private static final int TITLE = 30;

    private Chart() {}

    static String svg(String title, List<Bar> bars) {
        double longest = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        int height = TITLE + bars.size() * ROW + 8;
        StringBuilder svg = new StringBuilder();
        // Its own background, as it is looked at on light and dark pages.
        svg.append(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
                font-family="sans-serif" font-size="13">
                <rect width="%1$d" height="%2$d" fill="#ffffff"/>
                <text x="8" y="20" font-weight="bold">%3$s</text>
                """, WIDTH, height, escaped(title)));
        for (int i = 0; i < bars.size(); i++) {
            append(svg, bars.get(i), TITLE + i * ROW, longest);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void append(StringBuilder svg, Bar bar, int y, double longest) {
        double length = Math.max(1, bar.value() / Math.max(longest, 1e-9) * (WIDTH - LABELS - NUMBERS));
        svg.append(String.format(
                Locale.ROOT,
                """
                <text x="%d" y="%d" text-anchor="end">%s</text>
                <rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>
                <text x="%.1f" y="%d">%s</text>
                """,
                LABELS - 8,
                y + 15,
                escaped(bar.label()),
                LABELS,
                y + 3,
                length,
                ROW - 6,
                colour(bar.kind()),
                LABELS + length + 6,
                y + 15,
                escaped(bar.text())));
    }

    private static String colour(Client.Kind kind) {
        return switch (kind) {
            case OWN -> "#1f6f8b";
            case PEER -> "#9fb8c3";
            case LIMIT -> "#d9d9d9";
        };
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
