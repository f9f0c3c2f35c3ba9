/**
 * Modules of Python's standard library (`sys.stdlib_module_names` of 3.11, those of 2.7 that went away, those that came
 * since) less the few that only hold data types. A tensor file has no use for any of them.
 */
export const STDLIB_MODULES: ReadonlySet<string> = new Set(
  `
  _pyrepl _apple_support _ios_support _android_support _colorize _opcode_metadata _sysconfig _suggestions
  _testinternalcapi _testbuffer _testlimitedcapi _testclinic _remote_debugging _hmac _zstd _py_warnings profiling
  _xxsubinterpreters _xxinterpchannels _xxtestfuzz xxlimited __hello__ __phello__
  BaseHTTPServer CGIHTTPServer DocXMLRPCServer HTMLParser Queue SimpleHTTPServer SimpleXMLRPCServer SocketServer
  StringIO UserDict UserList _abc _aix_support _ast _asyncio _bisect _blake2 _bootsubprocess _bz2 _codecs
  _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _compat_pickle _compression _contextvars
  _crypt _csv _ctypes _ctypes_test _curses _curses_panel _dbm _elementtree _frozen_importlib
  _frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _interpchannels _interpqueues _interpreters _io
  _json _locale _lsprof _lzma _markupbase _md5 _msi _multibytecodec _multiprocessing _opcode _operator
  _osx_support _overlapped _pickle _posixshmem _posixsubprocess _py_abc _pyio _queue _random _scproxy _sha1
  _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime
  _struct _symtable _testcapi _thread _threading_local _tkinter _tokenize _tracemalloc _typing _uuid _warnings
  _weakref _weakrefset _winapi _winreg _zoneinfo abc aifc annotationlib antigravity anydbm array ast asynchat
  asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cPickle cProfile cStringIO cgi cgitb
  chunk cmd code codecs codeop colorsys commands compileall compiler compression concurrent configparser
  contextlib contextvars copy copy_reg copyreg crypt csv ctypes curses dataclasses dbhash dbm difflib dircache dis
  distutils dl doctest dumbdbm dummy_thread dummy_threading email encodings ensurepip exceptions faulthandler
  fcntl filecmp fileinput fnmatch fpformat ftplib functools future_builtins gc gdbm genericpath getopt getpass
  gettext glob graphlib grp gzip hashlib heapq hmac hotshot html htmllib http httplib idlelib ihooks imaplib
  imghdr imp importlib imputil inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma
  mailbox mailcap marshal md5 mhlib mimetools mimetypes mmap modulefinder msilib msvcrt multiprocessing mutex
  netrc new nis nntplib nt ntpath nturl2path opcode operator optparse os os2 ossaudiodev pathlib.types pdb pickle
  pickletools pipes pkgutil platform plistlib popen2 poplib posix posixfile posixpath pprint profile pstats pty
  pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rexec rfc822
  rlcompleter robotparser runpy sched secrets select selectors sets sgmllib sha shelve shlex shutil signal site
  smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics
  statvfs string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib
  tempfile termios test textwrap this thread threading time timeit tkMessageBox tkinter token tokenize tomllib
  trace traceback tracemalloc tty turtle turtledemo types unicodedata unittest urllib urllib2 urlparse user uu
  uuid venv warnings wave weakref webbrowser whichdb winreg winsound wsgiref xdrlib xml xmlrpc xmlrpclib zipapp
  zipfile zipimport zlib
`
    .trim()
    .split(/\s+/),
);
