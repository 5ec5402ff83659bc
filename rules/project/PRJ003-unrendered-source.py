"""A chart or kustomization could not be rendered, so nothing in it was judged.

What it does
------------
Reports charts that `helm` refuses (template errors, values that break the schema, missing dependencies), charts that
do not end in time, kustomizations that do not build or that would fetch something over the network, and charts when
there is nothing to render them with.

Why is this bad
---------------
`helm upgrade` fails at the same place. Until then every other check of the chart is void.

Example
-------
    image: {{ required "set image.tag" .Values.image.tag }}     # and no values file sets it

Use instead
-----------
Give the values that the chart needs, in the configuration:

    charts:
    - path: charts/web
      values: [charts/web/ci/values.yaml]

References
----------
- https://helm.sh/docs/helm/helm_template/
"""

from policylint.api import Rule

RULE = Rule(id="PRJ003", name="unrendered-source", severity="error")
