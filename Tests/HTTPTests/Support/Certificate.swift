import COpenSSL
import Glibc

/// A self-signed certificate in two files, for one test.
struct Certificate {
  struct Failed: Error {}

  let directory: String

  var chainFile: String { directory + "/cert.pem" }
  var keyFile: String { directory + "/key.pem" }

  /// Makes a directory with a certificate for `name`.
  init(name: String) throws {
    directory = "/tmp/http-test-\(UInt64.random(in: 0 ... .max))"
    guard mkdir(directory, 0o700) == 0 else { throw Failed() }
    try write(name: name)
  }

  /// Replaces both files.
  func write(name: String) throws {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { throw Failed() }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1,
      EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
      EVP_PKEY_keygen(context, &key) == 1, let certificate = X509_new()
    else { throw Failed() }
    defer {
      EVP_PKEY_free(key)
      X509_free(certificate)
    }
    X509_set_version(certificate, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600)
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400)
    X509_set_pubkey(certificate, key)
    let subject = X509_get_subject_name(certificate)
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0)
    X509_set_issuer_name(certificate, subject)
    guard X509_sign(certificate, key, EVP_sha256()) > 0,
      let chain = BIO_new_file(chainFile, "w"), let keys = BIO_new_file(keyFile, "w")
    else { throw Failed() }
    PEM_write_bio_X509(chain, certificate)
    PEM_write_bio_PrivateKey(keys, key, nil, nil, 0, nil, nil)
    BIO_free(chain)
    BIO_free(keys)
  }

  /// Removes the files.
  func remove() {
    unlink(chainFile)
    unlink(keyFile)
    rmdir(directory)
  }
}
