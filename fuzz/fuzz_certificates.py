"""Certificates: whatever is changed in one, it is read or refused, in DER and in PEM."""

from __future__ import annotations

from fuzzing import main

from ropewalk.internet._tls._wire import pem, x509

# A genuine one, to be damaged: random bytes alone get nowhere.
CERTIFICATE = b"""-----BEGIN CERTIFICATE-----
MIIBPjCB5KADAgECAgFNMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBEZ1enowIBcN
MjAwMTAxMDAwMDAwWhgPMjA2MDAxMDEwMDAwMDBaMA8xDTALBgNVBAMMBEZ1enow
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT1xvlshDJlvk0tkboQfvBkdNrURKiA
UTYaz5g1gOR6N0XN5CNSiLrAfXodqb6IVHJhFa89v2UfUA4yWLHHhsxvoy8wLTAP
BgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWEuZXhhbXBsZYcEwAACATAKBggq
hkjOPQQDAgNJADBGAiEA32MBL3wDI0XFcAr/iAGFZimGMfbsFlYMi64aIREBVAoC
IQDRqDfPX163Uh/U8YIS4zepeH5HjKDCb8TR1KaIw/nhVA==
-----END CERTIFICATE-----
"""
DER = pem.certificates(CERTIFICATE)[0].der


def target(data: bytes) -> None:
    # The first byte says where, the rest what is written over the certificate, or into the text.
    if not data:
        return
    at = data[0] * len(DER) // 256
    for der in (data, DER[:at] + data[1:] + DER[at + len(data) - 1 :], DER[:at]):
        try:
            said = x509.read(der)
        except x509.BadCertificate:
            continue
        assert said.names == (*said.dnsNames, *map(str, said.addresses))
    at = data[0] * len(CERTIFICATE) // 256
    for block in pem.blocks(CERTIFICATE[:at] + data[1:] + CERTIFICATE[at:] + CERTIFICATE):
        try:
            assert pem.blocks(pem.encode(block.label, block.der))[0].der == block.der
        except pem.BadPEM:
            continue


if __name__ == "__main__":
    main(target)
