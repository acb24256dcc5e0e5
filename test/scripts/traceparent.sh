# What a program is told of the trace of its run.
echo "TRACEPARENT=$TRACEPARENT"
