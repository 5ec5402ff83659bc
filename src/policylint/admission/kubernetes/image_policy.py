"""ImagePolicyWebhook: files that must agree before the API server starts, or asks anybody at all."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from policylint.admission.kubernetes.api_server import CONFIG_FLAG, ApiServer, ImagePolicy, file_name
from policylint.document.document import Document
from policylint.model import ROOT, Problem, RelatedPath, YamlPath
from policylint.views import fields
from policylint.views.shape import Shape

_PLUGIN = "ImagePolicyWebhook"
Found = Iterator[tuple[Document, Problem]]


def problems(documents: Sequence[Document]) -> Found:
    """What does not fit together among kube-apiserver pods, AdmissionConfigurations and kubeconfigs."""
    configurations = {file_name(each): each for each in documents if each.kind == "AdmissionConfiguration"}
    policies = [policy for each in configurations.values() for policy in ImagePolicy.of(each)]
    kubeconfigs = {file_name(each): each for each in documents if each.kind == "Config"}
    servers = [server for each in documents if each.kind == "Pod" for server in ApiServer.of(each)]
    for server in servers:
        yield from _server(server, configurations, bool(policies))
    for policy in policies:
        yield from _policy(policy, kubeconfigs, servers)
    named = {policy.kubeconfig.rpartition("/")[2] for policy in policies}
    for name, kubeconfig in kubeconfigs.items():
        if name in named:
            yield from _kubeconfig(kubeconfig, servers)


def _server(server: ApiServer, configurations: Mapping[str, Document], configured: bool) -> Found:
    enabled, flag = server.enables(_PLUGIN), server.config_file
    if enabled and flag is None and server.plugins is not None:
        message = f"{_PLUGIN} is enabled and {CONFIG_FLAG} is not given: kube-apiserver does not start"
        yield server.document, Problem(server.plugins.path, message, f"add {CONFIG_FLAG}=PATH")
    if flag is None:
        return
    if configured and not enabled:
        path = server.plugins.path if server.plugins is not None else flag.path
        message = f"{_PLUGIN} is configured and not enabled: no image is ever asked about"
        yield server.document, Problem(path, message, f"add {_PLUGIN} to --enable-admission-plugins")
    wanted = flag.value.rpartition("/")[2]
    if configurations and wanted not in configurations:
        [near, *_] = get_close_matches(wanted, configurations, 1, 0.0)
        message = f"{CONFIG_FLAG} names {wanted}, and the AdmissionConfiguration here is the file {near}"
        help_ = "kube-apiserver does not start without the file: let both have the same name"
        yield server.document, Problem(flag.path, message, help_)
    yield from _unseen(server, flag.path, flag.value, "the admission configuration")


def _unseen(server: ApiServer, path: YamlPath, file: str, what: str) -> Found:
    if file.startswith("/") and server.mounts and not server.sees(file):
        message = f"{what}, {file}, is in no folder that is mounted into kube-apiserver, so that it cannot be read"
        yield server.document, Problem(path, message, "mount its folder, or move the file into one that is mounted")


def _policy(policy: ImagePolicy, kubeconfigs: Mapping[str, Document], servers: Sequence[ApiServer]) -> Found:
    path, file = policy.path / "kubeConfigFile", policy.kubeconfig
    wanted = file.rpartition("/")[2]
    if not wanted:
        return
    if kubeconfigs and wanted not in kubeconfigs:
        [near, *_] = get_close_matches(wanted, kubeconfigs, 1, 0.0)
        message = f"kubeConfigFile names {wanted}, and the kubeconfig here is the file {near}"
        yield policy.document, Problem(path, message, "kube-apiserver does not start without it: use one name for both")
    yield from _read_by(servers, policy.document, path, file)


def _read_by(servers: Sequence[ApiServer], document: Document, path: YamlPath, file: str) -> Found:
    """The same as a file that a flag names, but said where another file names it."""
    for server in servers:
        if file.startswith("/") and server.mounts and not server.sees(file):
            message = f"{file} is in no folder that is mounted into kube-apiserver, so that it cannot be read"
            yield document, Problem(path, message, "mount its folder, or move the file into one that is mounted")
            return


def _kubeconfig(document: Document, servers: Sequence[ApiServer]) -> Found:
    shape = Shape()
    named: dict[str, dict[str, YamlPath]] = {}
    for sort in ("clusters", "users", "contexts"):
        items = shape.mappings(document.mapping.get(sort), ROOT / sort)
        named[sort] = {fields.text(shape, item, path, "name"): path for path, item in items}
    current = fields.text(shape, document.mapping, ROOT, "current-context")
    if current not in named["contexts"]:
        says = f"is {current!r}, and no context has that name" if current else "is not set"
        yield document, Problem(ROOT / "current-context", f"current-context {says}: the webhook is never reached")
        return
    path = named["contexts"][current] / "context"
    context = shape.mapping(document.get(path), path)
    for key, sort in (("cluster", "clusters"), ("user", "users")):
        name = fields.text(shape, context, path, key)
        if name and name not in named[sort]:
            listed = ", ".join(named[sort]) or "none"
            related = (RelatedPath(ROOT / "current-context", "this context is the one that counts"),)
            message = f"the context's {key} is {name!r}, and {sort} has {listed}"
            yield document, Problem(path / key, message, related=related)
        elif name:
            yield from _files(shape, document, named[sort][name] / key, servers)


def _files(shape: Shape, document: Document, path: YamlPath, servers: Sequence[ApiServer]) -> Found:
    values = shape.mapping(document.get(path), path)
    server = fields.text(shape, values, path, "server")
    if server and not server.startswith("https://"):
        yield document, Problem(path / "server", f"{server} is not https: ImagePolicyWebhook takes TLS only")
    for key in ("certificate-authority", "client-certificate", "client-key"):
        yield from _read_by(servers, document, path / key, fields.text(shape, values, path, key))
