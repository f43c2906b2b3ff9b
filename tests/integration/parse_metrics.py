"""Reads Prometheus' text format from standard input with Prometheus' own parser and prints the samples as JSON.
Fails where a family is named twice, or a histogram's buckets do not ascend or do not end with its count."""
import collections
import json
import sys

from prometheus_client.parser import text_string_to_metric_families

samples = []
families = set()
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.name not in families, family.name + " comes twice"
    assert family.documentation and family.type != "unknown", family.name
    families.add(family.name)
    series = collections.defaultdict(list)
    counts = {}
    for sample in family.samples:
        samples.append({"name": sample.name, "labels": sample.labels, "value": sample.value})
        if family.type != "histogram":
            continue
        key = tuple(sorted((name, value) for name, value in sample.labels.items() if name != "le"))
        if sample.name.endswith("_bucket"):
            series[key].append((float(sample.labels["le"]), sample.value))
        elif sample.name.endswith("_count"):
            counts[key] = sample.value
    for key, buckets in series.items():
        assert buckets == sorted(buckets), (family.name, key)
        assert [count for _, count in buckets] == sorted(count for _, count in buckets), (family.name, key)
        assert buckets[-1] == (float("inf"), counts[key]), (family.name, key)
json.dump(samples, sys.stdout)
