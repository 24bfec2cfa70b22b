"""python -m tamiz.cli"""

from tamiz.cli import main

main()
