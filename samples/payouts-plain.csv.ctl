{
  "batch": "PAY-20261121-003",
  "action": "payoutQueue",
  "mode": "test",
  "count": 6,
  "amount": "5626.05",
  "sha256": "cba818d43f099a87584f4dcec9fc121533e0b1d105bc53adef314926180393a5"
}
