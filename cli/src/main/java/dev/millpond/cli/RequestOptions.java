package dev.millpond.cli;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.FileEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that make a request. */
final class RequestOptions {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-X", "--request"},
            paramLabel = "METHOD",
            description = "The request's method. Default: GET, or POST with -d.")
    private @Nullable String method;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'Name: value'",
            description = "A field of the request; may be repeated.")
    private List<String> headers = List.of();

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DATA|@FILE",
            description =
                    "The request's body: the text itself, the bytes of FILE, or with @- of standard input. Its type is"
                            + " application/x-www-form-urlencoded unless -H says otherwise.")
    private @Nullable String body;

    /** A request for each URL, or a usage error. */
    List<ClassicHttpRequest> requests(List<String> urls) throws IOException {
        HttpEntity entity = body == null ? null : entity(body);
        return urls.stream().map(url -> request(url, entity)).toList();
    }

    private ClassicHttpRequest request(String url, @Nullable HttpEntity entity) {
        String name = method != null ? method : entity != null ? "POST" : "GET";
        if (!name.matches(TOKEN)) {
            throw usage("-X '" + name + "': expected a method such as GET");
        }
        ClassicRequestBuilder request = ClassicRequestBuilder.create(name).setUri(uri(url));
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1 || !header.substring(0, colon).matches(TOKEN)) {
                throw usage("-H '" + header + "': expected 'Name: value'");
            }
            request.addHeader(
                    header.substring(0, colon), header.substring(colon + 1).trim());
        }
        return request.setEntity(entity).build();
    }

    private URI uri(String url) {
        String absolute = url.contains("://") ? url : "http://" + url;
        try {
            URI uri = new URI(absolute);
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            if (!scheme.equals("http") && !scheme.equals("https")) {
                throw usage("'" + url + "': expected http or https, got " + scheme);
            }
            if (uri.getHost() == null) {
                throw usage("'" + url + "': expected a host");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw usage("'" + url + "': expected a URL: " + e.getReason() + " at " + e.getIndex());
        }
    }

    private HttpEntity entity(String data) throws IOException {
        boolean typed = headers.stream()
                .anyMatch(header -> header.toLowerCase(Locale.ROOT).startsWith("content-type:"));
        ContentType type = typed ? null : ContentType.APPLICATION_FORM_URLENCODED.withCharset((Charset) null);
        if (data.equals("@-")) {
            return new ByteArrayEntity(System.in.readAllBytes(), type);
        }
        if (!data.startsWith("@")) {
            return new ByteArrayEntity(data.getBytes(Charset.defaultCharset()), type);
        }
        File file = new File(data.substring(1));
        if (!file.isFile() || !file.canRead()) {
            throw usage("-d '" + data + "': expected a file that can be read");
        }
        return new FileEntity(file, type);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
