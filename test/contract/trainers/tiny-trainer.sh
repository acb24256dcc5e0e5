#!/bin/sh
# A program that knows nothing of the trainer protocol: one weight, gradient descent. What it writes on descriptor 3 is
# of the protocol, and optional.
epochs=3 rate=0.5 seed=0 pause=0
while [ $# -gt 0 ]; do
  case $1 in
    --epochs) epochs=$2 ;;
    --rate) rate=$2 ;;
    --seed) seed=$2 ;;
    --pause) pause=$2 ;;
    *)
      echo "unknown option $1" >&2
      exit 2
      ;;
  esac
  shift 2
done
[ "$epochs" -ge 1 ] || exit 1
weight=$(awk -v seed="$seed" 'BEGIN { printf "%.17g", sin(seed + 1) }')
epoch=1
while [ "$epoch" -le "$epochs" ]; do
  weight=$(awk -v w="$weight" -v rate="$rate" 'BEGIN { printf "%.17g", w - rate * (w - 2) }')
  loss=$(awk -v w="$weight" 'BEGIN { printf "%.17g", (w - 2) ^ 2 }')
  echo "epoch $epoch: loss $loss"
  echo "{\"type\":\"metric\",\"key\":\"trainLoss\",\"steps\":[$epoch],\"values\":[$loss]}" >&3
  [ "$pause" = 0 ] || sleep "$pause"
  epoch=$((epoch + 1))
done
digest=$(printf '%s' "$weight" | sha256sum | cut -d' ' -f1)
echo "{\"type\":\"digest\",\"kind\":\"finalWeights\",\"positions\":[0],\"digests\":[\"$digest\"]}" >&3
