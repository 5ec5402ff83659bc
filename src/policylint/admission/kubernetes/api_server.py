"""The API server's own files: its static pod, its admission configuration, and the kubeconfigs that this names.

Source: kubernetes/kubernetes apiserver pkg/admission/config.go, plugin/pkg/admission/imagepolicy/config.go; the fields
of a kubeconfig are those of client-go tools/clientcmd/api/v1/types.go.
"""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.model import ROOT, YamlPath
from policylint.views import fields
from policylint.views.shape import Shape

CONFIG_FLAG = "--admission-control-config-file"
_PLUGINS_FLAG = "--enable-admission-plugins"


class Flag(NamedTuple):
    path: YamlPath
    value: str


class ApiServer(NamedTuple):
    """A pod that runs kube-apiserver. `mounts` are the folders that its container gets from outside."""

    document: Document
    config_file: Flag | None
    plugins: Flag | None
    mounts: tuple[str, ...]

    @classmethod
    def of(cls, document: Document) -> Iterator["ApiServer"]:
        """One for each container of `document`, a Pod, that runs kube-apiserver."""
        shape = Shape()
        spec = shape.mapping(document.mapping.get("spec"), ROOT / "spec")
        for path, container in shape.mappings(spec.get("containers"), ROOT / "spec" / "containers"):
            words = [word for key in ("command", "args") for word in shape.strings(container.get(key), path / key)]
            if not words or posixpath.basename(words[0][1]) != "kube-apiserver":
                continue
            mounts = shape.mappings(container.get("volumeMounts"), path / "volumeMounts")
            yield cls(
                document,
                _flag(words, CONFIG_FLAG),
                _flag(words, _PLUGINS_FLAG),
                tuple(fields.text(shape, mount, here, "mountPath") for here, mount in mounts),
            )

    def sees(self, file: str) -> bool:
        """Whether the file at that absolute path is inside something mounted."""
        return any(mount and _within(file, mount) for mount in self.mounts)

    def enables(self, plugin: str) -> bool:
        return self.plugins is not None and plugin in [name.strip() for name in self.plugins.value.split(",")]


class ImagePolicy(NamedTuple):
    """The configuration of ImagePolicyWebhook inside an AdmissionConfiguration; `path` is its `imagePolicy`."""

    document: Document
    path: YamlPath
    values: Mapping[str, Any]

    @classmethod
    def of(cls, document: Document) -> Iterator["ImagePolicy"]:
        """The one of `document`, an AdmissionConfiguration, when it is written there and not in a file of its own."""
        shape = Shape()
        for path, plugin in shape.mappings(document.mapping.get("plugins"), ROOT / "plugins"):
            if plugin.get("name") == "ImagePolicyWebhook" and plugin.get("configuration") is not None:
                here = path / "configuration"
                policy = shape.mapping(shape.mapping(plugin["configuration"], here).get("imagePolicy"), here)
                yield cls(document, here / "imagePolicy", policy)

    @property
    def kubeconfig(self) -> str:
        return fields.text(Shape(), self.values, self.path, "kubeConfigFile")


def file_name(document: Document) -> str:
    """The name of the file that holds `document`."""
    return posixpath.basename(document.source.path)


def _flag(words: list[tuple[YamlPath, str]], name: str) -> Flag | None:
    for index, (path, word) in enumerate(words):
        if word.startswith(name + "="):
            return Flag(path, word[len(name) + 1 :])
        if word == name and index + 1 < len(words):
            return Flag(*words[index + 1])
    return None


def _within(file: str, folder: str) -> bool:
    normal = posixpath.normpath(file)
    return normal == posixpath.normpath(folder) or normal.startswith(posixpath.normpath(folder).rstrip("/") + "/")
