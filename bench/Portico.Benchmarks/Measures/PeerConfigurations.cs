namespace Portico.Benchmarks.Measures;

/// <summary>nginx and HAProxy set up to do what the gateway does: keep connections on both sides, the three X-Forwarded headers, no access log.</summary>
internal static class PeerConfigurations
{
    /// <summary>What a browser sends beside Host: about 470 bytes.</summary>
    public static readonly string[] BrowserHeaders =
    [
        "-H", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "-H", "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "-H", "Accept-Language: en-US,en;q=0.5",
        "-H", "Accept-Encoding: gzip, deflate, br",
        "-H", "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark",
        "-H", "Referer: http://static.bench.example/index.html",
        "-H", "Upgrade-Insecure-Requests: 1",
        "-H", "Cache-Control: max-age=0",
    ];

    private const string NginxHead =
        """
        daemon off;
        worker_processes 1;
        error_log stderr error;
        events { worker_connections 4096; }
        """;

    public const string StaticServer = NginxHead +
        """

        http {
          access_log off;
          keepalive_requests 1000000;
          server {
            listen 8080;
            location / { default_type text/plain; return 200 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n"; }
          }
        }
        """;

    public static string Nginx(IEnumerable<string> backends) => NginxHead +
        $$"""

        http {
          access_log off;
          keepalive_requests 1000000;
          upstream backends {
            {{string.Join('\n', backends.Select(static address => $"server {address};"))}}
            keepalive 128;
            keepalive_requests 1000000;
          }
          server {
            listen 8080;
            server_name static.bench.example;
            location / {
              proxy_pass http://backends;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
              proxy_set_header X-Forwarded-Proto $scheme;
              proxy_set_header X-Forwarded-Host $host;
            }
          }
        }
        """;

    public static string HaProxy(IEnumerable<string> backends) =>
        $$"""
        global
          nbthread 1
          maxconn 4096
        defaults
          mode http
          timeout connect 5s
          timeout client 30s
          timeout server 30s
          option forwardfor
          http-reuse always
        frontend public
          bind :8080
          http-request set-header X-Forwarded-Proto http
          http-request set-header X-Forwarded-Host %[req.hdr(host)]
          use_backend backends if { hdr(host) -i static.bench.example }
        backend backends
          balance roundrobin
        {{string.Join('\n', backends.Select(static (address, index) => $"  server s{index} {address}"))}}

        """;
}
