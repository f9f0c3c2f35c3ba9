/** Endings of files that run when they are opened, started or imported, and of the sources of such programs. */
const CODE_ENDINGS: ReadonlySet<string> = new Set(
  `
  py pyw pyc pyo pyd pyi pyx pyz pyzw ipynb egg whl so dll dylib a o lib ko sys drv ocx cpl exe com scr pif msi msp
  mst msix appx cab bat cmd command ps1 psm1 psd1 ps1xml psc1 vb vbs vbe js jse mjs cjs jsx ts tsx wsf wsh wsc ws hta jar war ear
  class jnlp apk aab dex ipa app dmg pkg deb rpm snap flatpak appimage run bin86 sh bash zsh fish ksh csh tcsh awk sed
  pl pm t rb gem php phtml phar lua luac tcl r rdata rds jl go rs c cc cpp cxx h hh hpp cu cuh cl ptx cubin fatbin hsaco
  metal metallib comp spv s asm ll bc wasm wat java kt kts scala groovy gradle swift m mm cs csx fs fsx vbproj csproj
  sln lnk url webloc desktop reg inf scf service timer socket plist mobileconfig chm hlp sct library-ms search-ms
  settingcontent-ms action workflow scpt applescript osax terminal tool vsix crx xpi docm xlsm pptm dotm xlam xll slk iqy rdp vhd vhdx
  iso img dmp gadget application manifest xbap jnilib node elf out mexa64 mexw64 mod ahk au3 nsi iss bpl xla ade adp mde mdb
  accde diagcab diagcfg diagpkg cer theme themepack
  `
    .trim()
    .split(/\s+/),
);

/** Files without an ending that programs run by their name. */
const CODE_NAMES: ReadonlySet<string> = new Set(
  `
  makefile gnumakefile dockerfile containerfile rakefile gemfile vagrantfile jenkinsfile procfile justfile cmakelists.txt
  .bashrc .bash_profile .bash_login .bash_logout .profile .zshrc .zshenv .zprofile .zlogin .envrc .kshrc .cshrc .tcshrc
  .inputrc .pythonrc .xprofile .xinitrc .vimrc .exrc .gdbinit .lldbinit .gitconfig .gitmodules .npmrc .pypirc crontab
  authorized_keys autorun.inf desktop.ini folder.htt pyproject.toml setup.cfg tox.ini package.json sitecustomize.py
  `
    .trim()
    .split(/\s+/),
);

/** A folder of TorchScript's sources, and one that macOS shows as a program. */
const CODE_FOLDER = /(?:^|\/)code\/|\.app\/|(?:^|\/)\.git\/hooks\//;

/** A name as programs read it: without what they leave out at its end, in one spelling of its letters. */
function plainName(name: string): string {
  const [beforeNul = ''] = name.normalize('NFKC').split('\0');
  const own = beforeNul.replaceAll('\\', '/').toLowerCase();
  // Windows opens `a.exe.`, `a.exe ` and `a.exe::$DATA` as `a.exe`.
  return own.replace(/::\$data$/, '').replace(/[\s.]+$/, '');
}

/** True where a file of this name is run, whatever is in it. A harmless name proves nothing. */
export function isCodeName(path: string): boolean {
  const name = plainName(path);
  const file = name.slice(name.lastIndexOf('/') + 1);
  const ending = /\.([a-z0-9_-]+)$/.exec(file)?.[1];
  return CODE_FOLDER.test(name) || CODE_NAMES.has(file) || (ending !== undefined && CODE_ENDINGS.has(ending));
}

/** True where programs read a file of this name as YAML. */
export function isYamlName(path: string): boolean {
  const name = plainName(path);
  return /\.ya?ml$|(?:^|\/)mlmodel$/.test(name);
}

/** `.pth` in `site-packages`: Python runs each line that begins with `import`. */
export function isPathFileName(path: string): boolean {
  return /\.pth$/.test(plainName(path));
}
