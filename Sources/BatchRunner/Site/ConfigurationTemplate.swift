/// What `batchrunner init` writes: every key with its default, units and meaning.
public enum ConfigurationTemplate {
    /// A commented `batchrunner.yaml`. It is valid once the values marked REQUIRED are filled in.
    public static let text = """
        # BatchRunner's configuration. Every key can also come from the environment, which goes
        # first: skypay.passwordKeyFile is SKYPAY_PASSWORD_KEY_FILE, and so on.
        # Keys that stand behind "# " show their defaults.

        mode: test                        # or live; must agree with the address below

        skypay:
          url: https://test.skypay.ph/services   # the part before the caller name
          callerName:                     # REQUIRED: last part of your address at SkyPay
          userName:                       # REQUIRED: AppName@skypay
          authenticationFile: state/keys/skypay-authentication   # one line; chmod 600
          passwordKeyFile: state/keys/skypay-password-key        # one line; chmod 600
          # passwordKeyExpires: 2027-01-31   # warned 7 days and 1 day before; see rotate-key
          # previousPasswordKeyFile: state/keys/skypay-password-key-before   # without rotate-key
          controlNumberPrefix:            # REQUIRED: 2 to 5 characters, such as SKY99
          sender:                         # REQUIRED: who pays, where a row does not say
          # requestsInFlight: 64
          # requestsPerSecond: 0          # 0: no limit
          # connectTimeoutSeconds: 10
          # answerTimeoutSeconds: 30      # for the whole request
          # queryAfterSeconds: 300        # first question about a payout, after sending it
          # queryEverySeconds: 1800       # between questions about one payout
          # resend: after-query           # or never: hold for a person what SkyPay does not know
          # onInsufficientBalance: pause  # or refuse the row

        # intake:
        #   settleSeconds: 2              # a file must stay unchanged so long
        #   scanSeconds: 5                # longest time between two looks into the inbox
        #   incompleteSeconds: 3600       # then a file that is not whole is rejected
        #   onRowFault: reject-row        # or reject-batch: one bad row stops its whole batch
        #   keepFreeBytes: 268435456      # files wait while fewer bytes are free below state/

        # callbacks:
        #   confirm: true                 # a callback counts once a query agrees
        #   listen: none                  # or 0.0.0.0:8443: a daemon takes posted callbacks there
        #   tlsCertificateFile: none      # PEM chain; needed beyond this machine
        #   tlsPrivateKeyFile: none       # PEM; chmod 600
        #   requestTimeoutSeconds: 15     # for a whole request

        # audit:
        #   origin: batchrunner.local/CALLERNAME/MODE   # name of the log, in its signatures
        #   sealBytes: 33554432
        #   keep: 5y                      # `retention` takes nothing shorter; not said unless given
        #   immutable: false              # chattr +i on sealed segments; wants CAP_LINUX_IMMUTABLE

        # metrics:
        #   file: state/metrics.prom      # for Prometheus' textfile collector

        # ledger:
        #   checkHour: 2                  # a daemon's daily check against the log, GMT+8; or none

        # senders:                      # by sub-folder of the inbox; "default" is the inbox itself
        #   acme:
        #     actions: [payoutQueue]      # all, unless listed
        #     callbacks: false            # whether callback files are taken from here
        #     sequence: false             # true: batches are numbered, each the last one plus one
        #     owner: any                  # or the user its files must belong to
        #     filesPerDay: 100000         # more wait until midnight, GMT+8
        #     bytesPerDay: 10737418240

        """
}
