# Varnish in front of the site, behind a proxy that ends HTTPS and sets X-Forwarded-Proto itself. With BEHIND_PROXY=1.
# It is started as varnish.conf says: it neither compresses, nor logs addresses.
vcl 4.1;

import directors;
import std;

probe health {
    .request = "GET /healthz HTTP/1.1" "Host: guidance.example.org" "Connection: close";
    .interval = 1s;
    .timeout = 2s;
    .window = 1;
    .threshold = 1;
    .initial = 1;  # well until a probe says otherwise, so that a start of Varnish turns nobody away
}

# Each instance, on this machine or on others
backend first {
    .host = "127.0.0.1";
    .port = "8001";
    .connect_timeout = 2s;
    .first_byte_timeout = 30s;
    .probe = health;
}

backend second {
    .host = "127.0.0.1";
    .port = "8002";
    .connect_timeout = 2s;
    .first_byte_timeout = 30s;
    .probe = health;
}

sub vcl_init {
    new site = directors.round_robin();
    site.add_backend(first);
    site.add_backend(second);
}

sub vcl_recv {
    set req.backend_hint = site.backend();
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Whatever comes with a cookie or a password is for one person
    if (req.http.Cookie || req.http.Authorization || req.url ~ "^/(admin|preview|alerts)/") {
        return (pass);
    }
    # One copy for each form of an answer, however a browser writes what it takes
    if (req.http.Accept-Encoding ~ "(?i)(^|[,\s])br(?!\s*;\s*q=0(\.0*)?\s*(,|$))") {
        set req.http.Accept-Encoding = "br";
    } elsif (req.http.Accept-Encoding ~ "(?i)(^|[,\s])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }
    # While the site is well, nothing is served that is older than the second it allows: unlimited grace would hand out
    # day-old pages that few ask for. Whoever meets a failure is sent round once more, to what there is of the last day
    if (req.restarts > 0) {
        set req.http.X-Failed = "1";
        set req.grace = 24h;
    } else {
        unset req.http.X-Failed;
        if (std.healthy(req.backend_hint)) {
            set req.grace = 0s;
        }
    }
    return (hash);
}

sub vcl_hash {
    # The site writes the scheme into whole addresses
    hash_data(req.http.X-Forwarded-Proto);
}

# A failure never takes the place of a page. “abandon”: an answer that is marked as not to be kept would send everybody
# after it to a site that is in trouble
sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    if (beresp.status >= 500) {
        if (bereq.is_bgfetch || !bereq.http.X-Failed) {
            return (abandon);
        }
        set beresp.ttl = 1s;  # there is no page to give: one second for all who ask
        set beresp.grace = 0s;
        return (deliver);
    }
    if (beresp.http.Set-Cookie || beresp.http.Cache-Control !~ "s-maxage|immutable") {
        set beresp.uncacheable = true;
        set beresp.ttl = 1s;
        return (deliver);
    }
    set beresp.grace = 24h;
    return (deliver);
}

# Of an instance that just went away nothing is known yet: the other is asked, but no form is sent twice. In the background
# too a failure is given up, since Varnish lets an error take the place of a stale page when somebody waits for it
sub vcl_backend_error {
    if (bereq.retries == 0) {
        return (retry);
    }
    if (!bereq.uncacheable && (bereq.is_bgfetch || !bereq.http.X-Failed)) {
        return (abandon);
    }
}

sub vcl_synth {
    if (resp.status == 503 && req.restarts == 0 && (req.method == "GET" || req.method == "HEAD")) {
        return (restart);
    }
}
