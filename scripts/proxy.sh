# For scripts that run deploy/nginx.conf without containers: source this file.

# make_certificate FOLDER: makes a self-signed certificate for localhost.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$1/tls_key" -out "$1/tls_certificate" 2>/dev/null
}

# make_proxy_configuration FOLDER PORT TLS_PORT ONE TWO THREE: writes FOLDER/nginx.conf. It differs
# from deploy/nginx.conf only in its paths, its ports and the addresses of the instances.
make_proxy_configuration() {
  sed -e "s#/tmp/#$1/#; s#/run/secrets/#$1/#; s#/dev/stdout#$1/access.log#; s#/dev/stderr#$1/error.log#" \
    -e "s#listen 8080#listen 127.0.0.1:$2#; s#listen 8443#listen 127.0.0.1:$3#" \
    -e "s#bookshelf-1:8080#$4#; s#bookshelf-2:8080#$5#; s#bookshelf-3:8080#$6#" \
    deploy/nginx.conf >"$1/nginx.conf"
}
