"""A field holds a value of another type than it takes.

What it does
------------
Reports values whose type the field cannot hold (a string where a list belongs, a list where a mapping belongs), for
the fields that other rules read: policies, workloads, webhook configurations, workflows and actions. What the schema of
a policy's kind says already (`KYV101`, `SIG101`) is not repeated.

Why is this bad
---------------
The API server refuses the object, GitHub refuses the workflow. The rules that read the field see it as absent, so they
say nothing about it.

Example
-------
    spec:
      containers: nginx

Use instead
-----------
    spec:
      containers:
      - name: nginx
        image: nginx:1.27.3

References
----------
- https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from policylint.api import Rule

RULE = Rule(id="PRJ006", name="wrong-type", severity="error")
