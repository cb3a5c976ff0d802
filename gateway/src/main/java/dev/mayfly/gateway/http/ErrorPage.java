package dev.mayfly.gateway.http;

import dev.mayfly.runtime.problem.Problem;

/** A problem as a page for people: what happened and the id to quote, nothing about other apps. */
final class ErrorPage {

    private ErrorPage() {}

    static String of(Problem problem) {
        String id = problem.requestId() == null ? "" : problem.requestId();
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>%1$d %2$s</title>
            <style>
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
            body { max-width: 36rem; margin: 15vh auto; padding: 0 1rem }
            code { opacity: .75 }
            </style>
            <h1>%1$d</h1>
            <p>%3$s</p>
            <p><code>%2$s</code> <code>%4$s</code></p>
            </html>
            """.formatted(problem.status(), escape(problem.code().wireName()), escape(problem.detail()), escape(id));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
